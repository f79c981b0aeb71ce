"""The addresses of Microsoft's clouds, as facts."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hosts:
    """The host names of a cloud; `start` is where a bot begins that nobody has written to, `connectors` are several."""

    login: str
    keys: str
    bot: str
    graph: str
    start: str | None
    connectors: str
    files: str

    def cloud(self) -> Cloud:
        """The addresses."""
        return Cloud(
            login_url=f"https://{self.login}",
            openid_metadata_url=f"https://{self.keys}/v1/.well-known/openidconfiguration",
            token_issuer=f"https://{self.bot}",
            graph_url=f"https://{self.graph}",
            bot_scope=f"https://{self.bot}/.default",
            default_service_url=self.start,
            service_hosts=tuple(self.connectors.split()),
            file_hosts=(self.files,),
        )


# From Microsoft Graph "National cloud deployments" and Teams SDK "Service URL validation". A connector is trusted by
# its exact name, because anybody can register a name under trafficmanager.net.
CLOUDS: dict[str, Cloud] = {
    "public": _Hosts(
        login="login.microsoftonline.com",
        keys="login.botframework.com",
        bot="api.botframework.com",
        graph="graph.microsoft.com",
        start="https://smba.trafficmanager.net/teams/",
        connectors="smba.trafficmanager.net smba.onyx.prod.teams.trafficmanager.net smba.infra.gcc.teams.microsoft.com",
        files="*.sharepoint.com",
    ).cloud(),
    "usgov": _Hosts(
        login="login.microsoftonline.us",
        keys="login.botframework.azure.us",
        bot="api.botframework.us",
        graph="graph.microsoft.us",
        start="https://smba.infra.gov.teams.microsoft.us/teams",
        connectors="smba.infra.gov.teams.microsoft.us",
        files="*.sharepoint.us",
    ).cloud(),
    "dod": _Hosts(
        login="login.microsoftonline.us",
        keys="login.botframework.azure.us",
        bot="api.botframework.us",
        graph="dod-graph.microsoft.us",
        start="https://smba.infra.dod.teams.microsoft.us/teams",
        connectors="smba.infra.dod.teams.microsoft.us",
        files="*.sharepoint-mil.us",
    ).cloud(),
    "china": _Hosts(
        login="login.partner.microsoftonline.cn",
        keys="login.botframework.azure.cn",
        bot="api.botframework.azure.cn",
        graph="microsoftgraph.chinacloudapi.cn",
        start=None,  # Microsoft names none: only the address in an incoming activity is known
        connectors="frontend.botapi.msg.infra.teams.microsoftonline.cn",
        files="*.sharepoint.cn",
    ).cloud(),
}
