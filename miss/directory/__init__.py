"""Who is who: practitioners as the national register knows them, their accounts, and how they sign in.

Three rooms, low to high: `practitioners` (what the register says), `accounts` (whom MiSS has verified, activation
codes), `sign_in` (passwords and page sessions).  `sample` is a fictive register for the demonstration and the tests.
"""
