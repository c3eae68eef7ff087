"""The control register."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kept.people.access import SignedInRequest, actor_of, role_required
from kept.people.called import called_of
from kept.security.controls import actions as do
from kept.security.controls.actions import MAY_KEEP, ControlEnded, SameTitle
from kept.security.models import Control


class ControlForm(forms.Form):
    title = forms.CharField(label="Name", max_length=120, help_text="Short: “Server rooms are locked”.")
    kind = forms.ChoiceField(label="Kind", choices=Control.Kind.choices, widget=forms.RadioSelect)
    does = forms.CharField(
        label="What is done", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="A sentence or two."
    )
    owner = forms.CharField(label="Who answers for it", max_length=120, help_text="A post, not a person.")
    days = forms.IntegerField(
        label="Days between two reviews",
        min_value=1,
        max_value=1100,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )


class ReviewForm(forms.Form):
    outcome = forms.ChoiceField(
        label="Does it do what it says?",
        choices=Control.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )
    evidence = forms.CharField(
        label="What did you look at, and where can it be found?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="No names of people, no passwords.",
        error_messages={"required": "Say what you looked at. Without it nobody can show that it works."},
    )


def due_now(at: datetime) -> QuerySet[Control]:
    """Controls in use whose review is due on that day or was due before."""
    return Control.objects.filter(ended_at=None, due_on__lte=at.date())


@require_safe
@role_required("privacy_officer", "engineer", "auditor")
def controls(request: SignedInRequest) -> HttpResponse:
    today = timezone.now().date()
    rows = [
        (control, (today - control.due_on).days, control.reviews.first())
        for control in Control.objects.filter(ended_at=None).prefetch_related("reviews")
    ]
    context = {"rows": rows, "may": request.user.role in MAY_KEEP, "ended": Control.objects.exclude(ended_at=None)}
    return render(request, "security/controls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer", "engineer")
def add(request: SignedInRequest) -> HttpResponse:
    form = ControlForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            do.add_control(**form.cleaned_data, by=actor_of(request), at=timezone.now())
        except SameTitle:
            form.add_error("title", "A control of this name is in use already.")
        else:
            messages.success(request, "Added. Its first review is due today.")
            return redirect("security_controls")
    return render(request, "security/control_add.html", {"form": form})


@require_POST
@role_required("privacy_officer", "engineer")
def usual(request: SignedInRequest) -> HttpResponse:
    """Begin with the list that nearly everybody needs."""
    count = do.add_usual_controls(by=actor_of(request), at=timezone.now())
    messages.success(request, f"{count} added. Change what does not fit." if count else "They are all here already.")
    return redirect("security_controls")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("privacy_officer", "engineer", "auditor")
def control(request: SignedInRequest, control_id: UUID) -> HttpResponse:
    """One control: review it, or end it. An auditor reads."""
    found = Control.objects.filter(pk=control_id).first()
    may = request.user.role in MAY_KEEP
    if found is None or (request.method == "POST" and not may):
        raise Http404
    reviewing = request.method == "POST" and request.POST.get("do") != "end"
    form = ReviewForm(request.POST if reviewing else None, label_suffix="")
    if request.method == "POST" and not reviewing:
        do.end_control(found, by=actor_of(request), at=timezone.now())
        messages.success(request, "Ended. What was found in its reviews stays.")
        return redirect("security_controls")
    if reviewing and form.is_valid():
        try:
            do.review_control(found, **form.cleaned_data, by=actor_of(request), at=timezone.now())
        except ControlEnded:
            messages.warning(request, "This control was ended meanwhile. Nothing was changed.")
        else:
            messages.success(request, "Noted, with your name and the time.")
        return redirect("security_control", control_id)
    reviews = [(review, called_of(review.by)) for review in found.reviews.all()]
    late = (timezone.now().date() - found.due_on).days
    return render(
        request, "security/control.html", {"control": found, "form": form, "reviews": reviews, "may": may, "late": late}
    )
