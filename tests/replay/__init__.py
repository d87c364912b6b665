"""The recorded-response fixture: a loopback server that answers as the API did.

One idea: a response has two parts. What follows from the request by the API's rules is
*computed*, always, by the modules in `resources`. What the API makes up (ids, times, request ids,
a model's words) is *recorded*: taken from the recorded exchange of the same request, or minted,
fresh and deterministic, where none is left.

Imports go one way, down this list:

    __main__  command             the command
    live                          asks the real API for the living half
    inspector                     the page that shows the requests
    server                        HTTP on loopback
    api                           one request answered
    resources                     the rules
    call  project  collection     one request as a rule sees it; what a key owns; objects in order
    matching  parameters          which recording fits; which body is good
    recordings  sdk_types         the files; the SDK's types
    exchange  errors  ids         what goes over the wire; the API's words; made-up values
    scrub                         what is secret
"""
