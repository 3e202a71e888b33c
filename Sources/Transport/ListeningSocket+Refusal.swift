import CLinux
import Glibc

extension ListeningSocket {
    /// Why this process could not listen on the address now, tried by binding to it for a moment; nil if it could. A
    /// Unix-domain path is not tried, since that would leave a file behind.
    public static func refusal(of address: SocketAddress) -> SystemError? {
        guard case .ip = address else { return nil }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(address.family, type, 0)
        guard descriptor >= 0 else { return SystemError.last("socket") }
        defer { Glibc.close(descriptor) }
        for option in [SO_REUSEADDR, SO_REUSEPORT] {
            SocketOption.enable(option, on: descriptor)
        }
        let bound = unsafe address.withKernelAddress { unsafe Glibc.bind(descriptor, $0, $1) }
        return bound == 0 ? nil : SystemError.last("bind")
    }
}
