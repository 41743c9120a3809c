"""When a service is called: plain classes that are handed records.

``lane`` is the turn of one account, ``service`` its open connection with the evidence
of each call, ``operations`` what is done with one document.
"""
