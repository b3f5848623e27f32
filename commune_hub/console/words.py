"""What the machine calls things, in the words of the office."""

from __future__ import annotations

KINDS = {
    "agent": "Bộ điều khiển",
    "rating": "Nút đánh giá",
    "ticket": "Máy lấy số",
    "display": "Màn hình gọi số",
    "camera": "Camera quầy",
    "speaker": "Cụm loa",
}
"""What a node does, by its kind."""

KIND_ICONS = {
    "agent": "memory",
    "rating": "thumb_up",
    "ticket": "confirmation_number",
    "display": "tv",
    "camera": "videocam",
    "speaker": "campaign",
}

REFUSAL_REASONS = {
    "bad_seal": "dấu ký không đúng: có thể bị giả mạo",
    "expired": "tài liệu đã hết hạn",
    "foreign_topic": "gửi sai địa chỉ, không phải chỗ của thiết bị này",
    "fork": "số thứ tự đã dùng cho sự việc khác: thẻ nhớ là bản cũ, hoặc bị giả mạo",
    "gap": "đến trước phần còn thiếu trên đường; không mất gì, thiết bị sẽ gửi lại từ chỗ thiếu",
    "not_enrolled": "thiết bị chưa được ghi danh",
    "not_json": "nội dung hỏng, không đọc được",
    "out_of_place": "sự việc mà loại nút này không được phép báo; giữ lại, không tính",
    "paced": "gửi quá dày, bị hãm lại; không mất gì, thiết bị còn giữ và sẽ gửi lại",
    "stale": "tài liệu cũ hơn bản đang giữ",
    "too_large": "thông điệp quá lớn",
    "unknown_intent": "loại tài liệu không biết",
    "wrong_shape": "nội dung sai khuôn dạng",
}
"""Why a message was refused (wire.codec.WireError)."""

ACTIONS = {
    "ticket.called": "Gọi số",
    "ticket.ended": "Kết thúc lượt",
    "bulletin.written": "Viết bản tin",
    "live.began": "Bắt đầu nói trực tiếp",
    "live.ended": "Kết thúc nói trực tiếp",
    "live.deleted": "Xóa bản ghi lời nói trực tiếp hết hạn lưu",
    "bulletin.rewritten": "Sửa bản tin",
    "bulletin.draft": "Trả lại bản tin",
    "bulletin.submitted": "Trình phê duyệt bản tin",
    "bulletin.approved": "Phê duyệt bản tin",
    "bulletin.withdrawn": "Thu hồi bản tin",
    "notice.written": "Viết thông báo",
    "notice.rewritten": "Sửa thông báo",
    "notice.approved": "Phê duyệt thông báo",
    "notice.removed": "Gỡ thông báo",
    "notice.restored": "Lấy lại thông báo",
    "notice.moved": "Đổi thứ tự thông báo",
    "picture.kept": "Tải ảnh lên",
    "report.closed": "Chốt báo cáo",
    "alert.low_presses": "Báo động: nhiều lượt không hài lòng",
    "alert.long_waits": "Báo động: chờ lâu",
    "clip.viewed": "Xem đoạn ghi hình",
    "staff.added": "Tạo tài khoản",
    "staff.password_reset": "Đặt lại mật khẩu",
    "staff.password_changed": "Đổi mật khẩu",
    "staff.opened": "Mở tài khoản",
    "staff.closed": "Khóa tài khoản",
    "staff.signed_in": "Đăng nhập",
    "staff.locked": "Tạm khóa vì sai mật khẩu",
    "staff.guessed": "Sai mật khẩu nhiều lần",
    "clip.deleted": "Xóa đoạn ghi hết hạn lưu",
}
"""What stands in the audit log."""


def in_words(words: dict[str, str], code: str) -> str:
    """Return the words for a code; the code itself where a newer device uses one not known here."""
    return words.get(code, code)
