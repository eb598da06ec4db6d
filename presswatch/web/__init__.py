"""The web application: the pages that the links of mails lead to, and the feeds of watches."""
