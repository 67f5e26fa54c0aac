"""A request that cannot be answered gets a Portuguese page that says what to do and nothing about why, with the same
headers as every other page.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from julia import urls
from julia.access import Level
from tests.factories import people

SECRET = "senha-do-banco"


def _explodes(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError(f"no connection for {SECRET}, Dra. Quitéria, 5511987654321")


# The project's own URLs and error pages, and one page that fails.
urlpatterns = [path("explodes", _explodes), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


def is_careful(answer: Any) -> bool:
    """Whether the browser is told to load nothing of others', to frame nothing and to guess nothing."""
    headers = answer.headers
    return (
        "default-src 'none'" in headers["Content-Security-Policy"]
        and "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        and headers["X-Frame-Options"] == "DENY"
        and headers["X-Content-Type-Options"] == "nosniff"
        and headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    )


def _refused_host() -> Any:
    return Client(headers={"host": "elsewhere.example"}).get("/admin/")


def _forbidden() -> Any:
    return people.browser(Level.VIEWER).get(reverse("admin:panel_switch", args=["julia", "off"]))


def _forged_form() -> Any:
    return Client(enforce_csrf_checks=True).post(reverse("admin:login"), {"username": "ana"})


def _nowhere() -> Any:
    return Client().get("/nada/5511987654321")


def _nowhere_in_the_admin() -> Any:
    return people.browser(Level.ADMIN).get("/admin/outbound/nada/")


def _failed() -> Any:
    return Client(raise_request_exception=False).get("/explodes")


CASES = [
    (_refused_host, 400, "Este pedido não foi compreendido"),
    (_forbidden, 403, "Você não tem acesso a isto"),
    (_forged_form, 403, "Nada foi alterado"),
    (_nowhere, 404, "Não há nada aqui"),
    (_nowhere_in_the_admin, 404, "Não há nada aqui"),
    (_failed, 500, "Algo deu errado por aqui"),
]


@pytest.fixture(autouse=True)
def _with_a_page_that_fails(transactional_db: None, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize(("ask", "status", "title"), CASES)
def test_it_says_so_in_portuguese_and_tells_nothing_else(ask: Any, status: int, title: str) -> None:
    answer = ask()

    said = answer.content.decode()
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{title}</h1>" in said
    for detail in (SECRET, "Quitéria", "5511987654321", "elsewhere.example", "RuntimeError", "CSRF", "Traceback"):
        assert detail not in said
    assert is_careful(answer)


@pytest.mark.parametrize(
    "url", ["/healthz", "/readyz", "/admin/", "/admin/login/", "/handoff/confirm", "/admin", "/static/x"]
)
def test_every_answer_is_as_careful_redirects_included(url: str) -> None:
    assert is_careful(Client().get(url))


def test_a_redirect_to_https_and_a_host_refused_before_it_are_as_careful(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    redirected, refused = Client().get("/admin/"), _refused_host()

    assert (redirected.status_code, refused.status_code) == (301, 400)
    assert is_careful(redirected)
    assert is_careful(refused)
