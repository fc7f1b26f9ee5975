"""Documents as values and bytes: the neutral letter, its written forms, and the checks on national identifiers.

Pure: no file, no socket, no clock.  What is sent with these bytes, and to whom, is `miss.mail`'s and the services'.
"""
