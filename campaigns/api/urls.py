"""Addresses below /api/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from campaigns.api import views
from campaigns.api.eligibility import EligibilityView

router = SimpleRouter()
router.register("campaigns", views.CampaignViewSet, "campaign")
router.register("entries", views.EntryViewSet, "entry")
router.register("invitations", views.InvitationViewSet, "invitation")
router.register("sweeps", views.SweepViewSet, "sweep")
router.register("findings", views.FindingViewSet, "finding")
urlpatterns = [
    path("campaigns/<slug:code>/eligibility/", EligibilityView.as_view(), name="eligibility"),
    *router.urls,
]
