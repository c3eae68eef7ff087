from kept.complaints.models.complaint import Complaint, ComplaintFile, ComplaintNote

__all__ = ["Complaint", "ComplaintFile", "ComplaintNote"]
