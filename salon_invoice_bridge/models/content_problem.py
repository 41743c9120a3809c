from ..billing import errors


class ContentProblem(errors.Rejected):
    """The sale says something that no honest invoice can; a person must mend it.

    Raised before anything is sent.

    :param str message: what is wrong and what to do, in the person's language
    :param record: where it is mended, a record or an empty recordset
    :param str cause: a word that buttons go by, "" for none
    """

    def __init__(self, message, record=None, cause=""):
        super().__init__(message)
        self.record = record
        self.cause = cause
