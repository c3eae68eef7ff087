"""One signed file about a request, a complaint or an enquiry, for an authority or a court."""
