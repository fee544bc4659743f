"""A transport over HTTP and the server on the other side, with nothing but the standard library.

The shape is the point, not the protocol: every channel maps its own troubles to the five errors.
For real use, replace HTTPConnection by HTTPSConnection with a client certificate.
"""

import http.client
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prum_match import dna, exchange

LIMITS = exchange.Limits()


class HttpTransport:
    """Sends requests to parties whose addresses it knows."""

    def __init__(self, own_party: str, addresses: Mapping[str, str]) -> None:
        self._own_party = own_party
        self._addresses = dict(addresses)
        self._closed = False

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send a request and return the bytes of the reply, or say why there are none."""
        if self._closed:
            raise exchange.TransportUnreachable("closed", code="transport_closed")
        if party not in self._addresses:
            raise exchange.TransportUnreachable("no address")
        if timeout <= 0:
            raise exchange.TransportTimeout
        connection = http.client.HTTPConnection(self._addresses[party], timeout=timeout)
        # In real use the TLS front end of the other side sets this from the client certificate.
        headers = {"X-Verified-Party": self._own_party}
        try:
            connection.connect()
        except TimeoutError:
            raise exchange.TransportTimeout from None
        except OSError as error:
            raise exchange.TransportUnreachable(type(error).__name__) from None
        try:
            connection.request("POST", "/search", request, headers)
            response = connection.getresponse()
            # One byte more than allowed: the library sees that it is too much and says so.
            body = response.read(LIMITS.reply_bytes + 1)
        except TimeoutError:
            raise exchange.TransportTimeout from None
        except (OSError, http.client.HTTPException) as error:
            # The request may have arrived, so "unreachable" would say too much.
            raise exchange.TransportError(type(error).__name__, code="line_broke") from None
        finally:
            connection.close()
        if response.status == 200:
            return body
        if response.status == 403:
            raise exchange.TransportRefused
        if response.status in (429, 503):
            wait = response.headers.get("Retry-After", "")
            raise exchange.TransportBusy(retry_after=float(wait) if wait.isdecimal() else None)
        raise exchange.TransportError(f"status {response.status}", code="http_status")

    def close(self) -> None:
        """Refuse every further exchange."""
        self._closed = True


def serve(responder: exchange.Responder) -> ThreadingHTTPServer:
    """Answer on a free port of this machine, on threads of its own, until shut down."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            # Who asks is what the channel has verified. The message only has to agree with it.
            party = self.headers.get("X-Verified-Party", "")
            size = int(self.headers.get("Content-Length", 0))
            if size > LIMITS.request_bytes:
                self.send_error(413)
                return
            reply = responder.handle(party, self.rfile.read(size))
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent: the responder logs by number."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    """Ask two parties, one of which is not there."""
    loci = {"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2), "FGA": (21, 24)}
    loci |= {"D8S1179": (13, 14), "D3S1358": (15, 17), "D18S51": (12, 16)}
    gallery = dna.Gallery()
    gallery.enrol(["FR-9"], [dna.Profile(loci)])
    server = serve(exchange.Responder("FR", {"dna": gallery}))
    transport = HttpTransport("AT", {"FR": f"127.0.0.1:{server.server_port}"})
    requester = exchange.Requester(transport, "AT", category="dna")
    print(requester.search(dna.Profile(loci, kind="stain"), ["FR", "DE"], timeout=30))
    transport.close()
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
