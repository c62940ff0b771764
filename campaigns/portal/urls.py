"""Addresses of the seller pages, mounted at /seller/. The seller is part of the address, so that
two tabs may act for two shops."""

from django.urls import include, path

from campaigns.portal import (
    campaigns,
    cancelling,
    channels,
    choosing,
    entries,
    inbox,
    invitations,
    joining,
    places,
    plays,
    prices,
    races,
    refiling,
    repricing,
    results,
    rounds,
    shop_tools,
    shops,
    uploading,
    withdrawing,
)

app_name = "portal"

_of_a_venue = [
    path("items/", choosing.choose, name="choose"),
    path("prices/", prices.prices, name="prices"),
    path("csv/", uploading.upload, name="csv"),
    path("template.csv", uploading.template, name="csv_template"),
]
_of_a_campaign = [
    path("", campaigns.campaign, name="campaign"),
    path("standing/", campaigns.standing, name="standing"),
    path("join/", joining.join_campaign, name="join"),
    path("leave/", joining.leave_campaign, name="leave"),
    path("items/", choosing.venues, name="items"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/apply/", rounds.apply, name="apply"),
    path("places/", places.places, name="places"),
    path("bonuses/", places.enrol_for, name="enrol"),
    path("places/<str:quota>/", places.place, name="place"),
    path("races/", races.races, name="races"),
    path("races/boards/<int:board_id>/", races.board, name="board"),
    path("tools/", shop_tools.tools, name="tools"),
    path("tools/<str:tool>/", shop_tools.put, name="tool"),
    path("tools/<str:tool>/cancel/", shop_tools.cancel, name="tool_cancel"),
    path("tools/<str:tool>/decorate/", shop_tools.decorate, name="tool_decorate"),
    path("venues/<slug:venue>/", include(_of_a_venue)),
]
_of_a_seller = [
    path("", shops.shop, name="shop"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/<slug:code>/", include(_of_a_campaign)),
    path("filings/<int:filing_id>/", results.filing, name="filing"),
    path("filings/<int:filing_id>/table.csv", results.filing_csv, name="filing_csv"),
    path("filings/<int:filing_id>/again/", refiling.file_refused, name="file_refused"),
    path("entries/", entries.entries, name="entries"),
    path("entries/withdraw/", withdrawing.withdraw, name="withdraw"),
    path("entries/<int:entry_id>/", entries.entry, name="entry"),
    path("entries/<int:entry_id>/price/", repricing.reprice, name="reprice"),
    path("entries/<int:entry_id>/publish/", repricing.republish, name="republish"),
    path("entries/<int:entry_id>/ask/", cancelling.ask_to_cancel, name="ask_to_cancel"),
    path("entries/<int:entry_id>/plays/", plays.change, name="plays"),
    path("entries/<int:entry_id>/again/", refiling.file_again, name="file_again"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<int:invitation_id>/", invitations.answer, name="answer"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("channels/", channels.channels, name="channels"),
    path("channels/<int:channel_id>/", channels.change, name="channel"),
    path("inbox/mark/", inbox.mark, name="inbox_mark"),
    path("inbox/<int:notice_id>/", inbox.notice, name="notice"),
]

urlpatterns = [
    path("", shops.home, name="home"),
    path("shops/", shops.shops, name="shops"),
    path("<int:seller_id>/", include(_of_a_seller)),
]
