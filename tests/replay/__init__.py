"""The replay server: a loopback server that answers as the API did.

One idea: a response has two parts. What follows from the request by the API's rules is
*computed*, always, by the modules in `resources`. What the API makes up (ids, times, request ids,
a model's words) is *recorded*: taken from the recorded exchange of the same request, or minted,
fresh and deterministic, where none is left.

Imports go one way, down this list, and on a line from left to right:

    __main__  command             the command
    live                          asks the real API for the living half
    inspector                     the page that shows the requests
    server                        HTTP on loopback
    report  now                   a program's calls, as they are written now
    api                           one request answered
    resources                     the rules
    call  project  collection     one request on its way; what a key owns; objects found and paged
    matching  parameters          which recording fits; which body is good
    taught                        the user's own file of objects and replies
    replies  recordings           what was asked and replied; the files
    schemas  sdk_types            JSON schemas; the SDK's types
    multipart                     forms
    exchange  errors  ids         what goes over the wire; the API's words; made-up values
    scrub                         what is secret
"""
