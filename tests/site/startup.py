# IPython runs this file when the kernel starts; it must not leave a name with the learner's own.
__import__("tests.site.tab", fromlist=["start"]).start(get_ipython())  # noqa: F821
