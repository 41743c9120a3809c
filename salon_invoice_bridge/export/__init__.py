"""How a month is written down for an accountant: XLSX, ZIP, a page of text."""
