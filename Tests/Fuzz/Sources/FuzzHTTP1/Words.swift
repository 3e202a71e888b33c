/// What matters in HTTP/1.
enum Words {
    static let all: [[UInt8]] = [
        "\r\n", "\r\n\r\n", "\r\n ", "\n", "\r", ": ", " :", "Host: a\r\n", "Content-Length: 5\r\n",
        "Content-Length: 5,5",
        "Transfer-Encoding: chunked\r\n", "chunked", "Connection: close\r\n",
        "Connection: keep-alive, x\r\n",
        "Upgrade: websocket\r\n", "Expect: 100-continue\r\n", "Cookie: a=b; c\r\n", "HTTP/1.0",
        "HTTP/1.1", "HTTP/2.0",
        "GET ", "CONNECT ", "OPTIONS * ", "http://a", "https://[::1]:443", "/../", "/./", "//",
        "%2e%2e", "%2f", "%5c",
        "%00", "%", "%zz", "%25", ";x=y", "?q", "#f", "\\", "0\r\n\r\n", "5\r\nhello\r\n",
        "FFFFFFFFFFFFFFFF\r\n",
        "1;a=b\r\n",
        "100 ", "204 ", "304 ", "q=0.5", "*/*", "\"a,b\\\"\"", "Sun, 06 Nov 1994 08:49:37 GMT",
        "18446744073709551616",
    ].map { Array($0.utf8) }
}
