from kept.complaints.models.complaint import Complaint, ComplaintFile, ComplaintNote
from kept.complaints.models.enquiry import Enquiry, EnquiryAnswer, EnquiryMatter
from kept.complaints.models.evidence import Bundle

__all__ = [
    "Bundle",
    "Complaint",
    "ComplaintFile",
    "ComplaintNote",
    "Enquiry",
    "EnquiryAnswer",
    "EnquiryMatter",
]
