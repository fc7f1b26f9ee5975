"""What travels beside messages.

photo.py       photos made fit to send              pdf.py         files, checked by their content
downloads.py   fetched in parts, whole or in part
"""
