"""The addresses of Microsoft's clouds, as facts."""

from typing import NamedTuple


class Cloud(NamedTuple):
    """The addresses of one Microsoft cloud."""

    login_url: str
    openid_metadata_url: str
    token_issuer: str
    graph_url: str
    bot_scope: str
    default_service_url: str | None
    service_hosts: tuple[str, ...]
    file_hosts: tuple[str, ...]


def _cloud(*, login: str, keys: str, bot: str, graph: str, start: str | None, connectors: str, files: str) -> Cloud:
    return Cloud(
        login_url=f"https://{login}",
        openid_metadata_url=f"https://{keys}/v1/.well-known/openidconfiguration",
        token_issuer=f"https://{bot}",
        graph_url=f"https://{graph}",
        bot_scope=f"https://{bot}/.default",
        default_service_url=start,
        service_hosts=tuple(connectors.split()),
        file_hosts=(files,),
    )


# From Microsoft Graph "National cloud deployments" and Teams SDK "Service URL validation". A connector is trusted by
# its exact name, because anybody can register a name under trafficmanager.net.
CLOUDS: dict[str, Cloud] = {
    "public": _cloud(
        login="login.microsoftonline.com",
        keys="login.botframework.com",
        bot="api.botframework.com",
        graph="graph.microsoft.com",
        start="https://smba.trafficmanager.net/teams/",
        connectors="smba.trafficmanager.net smba.onyx.prod.teams.trafficmanager.net smba.infra.gcc.teams.microsoft.com",
        files="*.sharepoint.com",
    ),
    "usgov": _cloud(
        login="login.microsoftonline.us",
        keys="login.botframework.azure.us",
        bot="api.botframework.us",
        graph="graph.microsoft.us",
        start="https://smba.infra.gov.teams.microsoft.us/teams",
        connectors="smba.infra.gov.teams.microsoft.us",
        files="*.sharepoint.us",
    ),
    "dod": _cloud(
        login="login.microsoftonline.us",
        keys="login.botframework.azure.us",
        bot="api.botframework.us",
        graph="dod-graph.microsoft.us",
        start="https://smba.infra.dod.teams.microsoft.us/teams",
        connectors="smba.infra.dod.teams.microsoft.us",
        files="*.sharepoint-mil.us",
    ),
    "china": _cloud(
        login="login.partner.microsoftonline.cn",
        keys="login.botframework.azure.cn",
        bot="api.botframework.azure.cn",
        graph="microsoftgraph.chinacloudapi.cn",
        start=None,  # Microsoft names none: only the address in an incoming activity is known
        connectors="frontend.botapi.msg.infra.teams.microsoftonline.cn",
        files="*.sharepoint.cn",
    ),
}
