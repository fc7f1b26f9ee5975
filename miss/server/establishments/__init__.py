"""The pages on which establishments keep their own part of the directory, and what reminds them to.

`/etablissement` is for an establishment's administrators, each within their scope, and for technicians everywhere;
the operator's own list of establishments is `miss.server.console.establishments`.  `rooms` builds all of it.
"""
