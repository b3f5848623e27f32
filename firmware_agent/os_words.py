"""What the operating system refused, in a technician's words."""

from __future__ import annotations

import errno

WORDS = {
    errno.ENOENT: "không có tệp hay thư mục này (no such file or directory)",
    errno.EACCES: "không có quyền (permission denied)",
    errno.EPERM: "không có quyền (not permitted)",
    errno.EISDIR: "đây là thư mục (is a directory)",
    errno.ENOTDIR: "có phần không phải thư mục (a part of it is no directory)",
    errno.EEXIST: "đã có rồi (exists already)",
    errno.ENOSPC: "thẻ nhớ hay đĩa đã đầy (no space left)",
    errno.EROFS: "thẻ nhớ hay đĩa chỉ đọc được (read-only)",
    errno.EIO: "thẻ nhớ hay đĩa hỏng (input or output error)",
    errno.EADDRINUSE: "chương trình khác đang dùng (in use)",
    errno.EADDRNOTAVAIL: "máy này không có địa chỉ ấy (no such address here)",
}


def os_words(error: OSError) -> str:
    """Return why it failed, for the end of a line that names the file or port."""
    return WORDS.get(error.errno or 0) or error.strerror or str(error)
