"""Where django-helpdesk's pages would be: its e-mails link to them."""

from django.urls import include, path

urlpatterns = [path("", include("helpdesk.urls"))]
