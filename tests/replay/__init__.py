"""The recorded-response fixture: a loopback server that answers as the API did.

One idea: a response has two parts. What follows from the request by the API's rules is
*computed*, always, by the resource modules (`threads`, `messages`, `runs`, ...). What the API
makes up (ids, times, request ids, a model's words) is *recorded*: taken from the recorded
exchange of the same request, or minted, fresh and deterministic, where none is left.

Modules import one way only: `__main__` -> `command` -> `live`, `recorder` -> `server` -> one module
per resource -> `parameters`, `project` -> `recordings`, `listing`, `ids`, `errors`.
"""
