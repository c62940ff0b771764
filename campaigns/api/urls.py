"""Addresses below /api/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from campaigns.api import views
from campaigns.api.boards import BoardRowsView, BoardTableView, BoardViewSet, PlacementsView
from campaigns.api.eligibility import EligibilityView
from campaigns.api.venues import PrivilegesView, VenueFunnelView, VenueItemsView, VenuesView

router = SimpleRouter()
router.register("campaigns", views.CampaignViewSet, "campaign")
router.register("entries", views.EntryViewSet, "entry")
router.register("invitations", views.InvitationViewSet, "invitation")
router.register("sweeps", views.SweepViewSet, "sweep")
router.register("findings", views.FindingViewSet, "finding")
router.register("boards", BoardViewSet, "board")
urlpatterns = [
    path("campaigns/<slug:code>/eligibility/", EligibilityView.as_view(), name="eligibility"),
    path("campaigns/<slug:code>/venues/", VenuesView.as_view(), name="venues"),
    path("campaigns/<slug:code>/venues/funnel/", VenueFunnelView.as_view(), name="venue-funnel"),
    path(
        "campaigns/<slug:code>/venues/<slug:venue>/items/",
        VenueItemsView.as_view(),
        name="venue-items",
    ),
    path("campaigns/<slug:code>/privileges/", PrivilegesView.as_view(), name="privileges"),
    path("boards/<int:pk>/rows/", BoardRowsView.as_view(), name="board-rows"),
    path("boards/<int:pk>/placements/", PlacementsView.as_view(), name="board-placements"),
    path("boards/<int:pk>/table.csv", BoardTableView.as_view(), name="board-table"),
    *router.urls,
]
