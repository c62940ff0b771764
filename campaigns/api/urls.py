"""Addresses below /api/."""

from rest_framework.routers import SimpleRouter

from campaigns.api import views

router = SimpleRouter()
router.register("campaigns", views.CampaignViewSet, "campaign")
router.register("entries", views.EntryViewSet, "entry")
router.register("sweeps", views.SweepViewSet, "sweep")
router.register("findings", views.FindingViewSet, "finding")
urlpatterns = router.urls
