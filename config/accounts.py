"""Logging in and out, passwords and the language: the pages every user has."""

from django import forms
from django.contrib.auth import forms as auth_forms
from django.contrib.auth import get_user_model, views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, path
from django.utils.translation import check_for_language
from django.views import i18n
from django.views.decorators.http import require_POST


class BootstrapMixin:
    """Gives every field of a form Bootstrap's classes, and marks a wrong one for readers too."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            checkbox = isinstance(field.widget, forms.CheckboxInput)
            field.widget.attrs["class"] = "form-check-input" if checkbox else "form-control"


class LoginForm(BootstrapMixin, auth_forms.AuthenticationForm):
    """Name and password."""


class PasswordForm(BootstrapMixin, auth_forms.PasswordChangeForm):
    """The old password and twice the new one."""


class ForgottenForm(BootstrapMixin, auth_forms.PasswordResetForm):
    """The address to which a link goes."""


class NewPasswordForm(BootstrapMixin, auth_forms.SetPasswordForm):
    """Twice the new password."""


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Send staff to the admin and everyone else to the seller pages."""
    if request.user.is_staff:
        return redirect("admin:index")
    try:
        return redirect("portal:home")
    except NoReverseMatch:
        return redirect("password_change")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Set the language of the pages, and of the notices if the reader is logged in."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(language):
        get_user_model().objects.filter(pk=request.user.pk).update(language=language)
    return i18n.set_language(request)


def _folder(name: str) -> str:
    return f"portal/account/{name}.html"


urlpatterns = [
    path(
        "login/",
        views.LoginView.as_view(
            template_name=_folder("login"),
            authentication_form=LoginForm,
            redirect_authenticated_user=True,
        ),
        name="login",
    ),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path(
        "password/",
        views.PasswordChangeView.as_view(
            template_name=_folder("password_change"), form_class=PasswordForm
        ),
        name="password_change",
    ),
    path(
        "password/done/",
        views.PasswordChangeDoneView.as_view(template_name=_folder("password_change_done")),
        name="password_change_done",
    ),
    path(
        "forgotten/",
        views.PasswordResetView.as_view(
            template_name=_folder("password_reset"),
            form_class=ForgottenForm,
            email_template_name="portal/account/password_reset_mail.txt",
            subject_template_name="portal/account/password_reset_subject.txt",
        ),
        name="password_reset",
    ),
    path(
        "forgotten/sent/",
        views.PasswordResetDoneView.as_view(template_name=_folder("password_reset_sent")),
        name="password_reset_done",
    ),
    path(
        "forgotten/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(
            template_name=_folder("password_reset_confirm"), form_class=NewPasswordForm
        ),
        name="password_reset_confirm",
    ),
    path(
        "forgotten/done/",
        views.PasswordResetCompleteView.as_view(template_name=_folder("password_reset_done")),
        name="password_reset_complete",
    ),
]
