"""kamailio as registrar and as a proxy that stays in the path of calls (Record-Route)."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from free_port import free_port
from program import Program, need, running

PASSWORD = "wonder:land"
"""Of everybody, in the realm 127.0.0.1."""
_CONFIG = """\
#!KAMAILIO
debug=0
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
{tls}
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "nathelper.so"
loadmodule "xlog.so"
modparam("registrar", "min_expires", {minimum})
modparam("registrar", "max_expires", {maximum})
modparam("nathelper|registrar", "received_avp", "$avp(received)")
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "nonce_expire", {nonce_seconds})
request_route {{
    xlog("L_WARN", "heard $rm of $fU over $proto\n");
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    force_rport();
    # Over TCP and TLS clients have but the connection that they opened.
    if ($proto != "udp" && is_method("REGISTER")) fix_nated_register();
    if ($proto != "udp" && is_method("INVITE")) set_contact_alias();
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{
            xlog("L_WARN", "routed $rm of $fU\n");
            handle_ruri_alias();
            t_relay(); exit;
        }}
        if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
        sl_send_reply("404", "No Route"); exit;
    }}
    $var(password) = "{password}";
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("127.0.0.1", "$var(password)", "0")) {{ www_challenge("127.0.0.1", "1"); exit; }}
        xlog("L_WARN", "registered REGISTER of $fU: $ct $hdr(Expires)\n");
        save("location"); exit;
    }}
    if (is_method("INVITE")) {{
        if (!pv_proxy_authenticate("127.0.0.1", "$var(password)", "0")) {{ proxy_challenge("127.0.0.1", "1"); exit; }}
        consume_credentials();
    }}
    loose_route();
    record_route();
    if (uri == myself && !lookup("location")) {{ sl_send_reply("404", "Nobody Here"); exit; }}
    t_relay();
}}
onreply_route {{
    if ($proto != "udp" && is_method("INVITE")) set_contact_alias();
}}
"""
_TLS = """\
enable_tls=yes
listen=tls:127.0.0.1:{port}
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "{certificate}")
modparam("tls", "private_key", "{certificate}")
modparam("tls", "verify_certificate", 0)
"""


class Kamailio:
    """A running kamailio."""

    def __init__(self, program: Program, port: int, tls_port: int) -> None:
        self.program = program
        self.port = port
        """For UDP and TCP."""
        self.tls_port = tls_port

    def count(self, method: str, user: str, *, what: str = "heard", after: int = 0) -> int:
        """Return how many requests of a user were heard, or `routed` by the route set, or led to being `registered`."""
        return self.program.count(rf"{what} {method} of {user}\b", after=after)


@asynccontextmanager
async def kamailio(
    folder: Path,
    *,
    algorithm: str = "MD5",
    certificate: Path | None = None,
    expires: tuple[int, int] = (30, 3600),
    nonce_seconds: int = 300,
) -> AsyncIterator[Kamailio]:
    """Run kamailio; with a certificate and its key in one file, with TLS too. It bounds what registrations ask for."""
    need(kamailio="kamailio", **({"openssl": "openssl"} if certificate else {}))
    port, tls_port = free_port(), free_port()
    minimum, maximum = expires
    config = folder / "kamailio.cfg"
    config.write_text(
        _CONFIG.format(
            port=port,
            tls=_TLS.format(port=tls_port, certificate=certificate) if certificate else "",
            password=PASSWORD,
            algorithm=algorithm,
            minimum=minimum,
            maximum=maximum,
            nonce_seconds=nonce_seconds,
        )
    )
    environment = {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    command = ("kamailio", "-f", str(config), "-DD", "-E", "-m", "16", "-M", "4", "-Y", str(folder), "-w", str(folder))
    async with running(*command, folder=folder, environment=environment) as program:
        await program.listens(tls_port if certificate else port, "tcp")
        yield Kamailio(program, port, tls_port)
