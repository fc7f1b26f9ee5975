"""Files of staff lists that were previewed and wait for their confirmation."""

from miss.directory.establishments.uploads.service import ShownUpload, Uploads

__all__ = ["ShownUpload", "Uploads"]
