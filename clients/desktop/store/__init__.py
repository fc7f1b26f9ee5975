"""What lies on the disk of a desk: one folder for each account, nothing of a person in clear but their name.

profiles.py  the folders          lock.py   the key of a folder, under a PIN and the machine's keyring
desk.py      search index, settings, marks of conversations (SQLCipher)
opened.py    files that another program opens, and their end
"""
