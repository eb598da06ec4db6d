"""The entries that Scrapy's commands know. All run the loop of `source.py`."""
