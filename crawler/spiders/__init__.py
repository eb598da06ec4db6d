"""The entries that Scrapy's commands know. All lead to one story: see `source.py`."""
