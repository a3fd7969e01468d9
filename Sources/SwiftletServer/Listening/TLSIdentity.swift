import Foundation
import Logging
import NIOSSL
import SwiftletGround
import SwiftletLibrary
import Synchronization

/// Who the server is, as its files have it: read at the start, and again when they change.
///
/// What new files hold is for new connections. If they are wrong, the old certificate stays, and the log says why.
final class TLSIdentity: Sendable {
    private let options: TLSOptions
    private let logger: Logger
    private let current: Mutex<NIOSSLContext>

    /// Throws what is wrong with the files.
    init(_ options: TLSOptions, logger: Logger) throws(ServerError) {
        (self.options, self.logger) = (options, logger)
        let files = try TLSFiles(options)
        current = Mutex(try files.context())
        files.warn(logger)
    }

    /// What a new connection speaks.
    var context: NIOSSLContext { current.withLock { $0 } }

    /// Looks at the files until the task is cancelled.
    func watch(every interval: Duration = .seconds(1)) async {
        var loaded = files
        var last = loaded
        while (try? await Task.sleep(for: interval)) != nil {
            let files = files
            // Files that are being replaced are looked at when they are at rest.
            if files == last, files != loaded {
                loaded = files
                reload()
            }
            last = files
        }
    }

    private var files: [FileStatus?] {
        [options.certificate, options.key, options.clientAuthority].compactMap { $0 }.map { FileStatus($0) }
    }

    private func reload() {
        do throws(ServerError) {
            let files = try TLSFiles(options)
            let context = try files.context()
            current.withLock { $0 = context }
            logger.notice("the TLS certificate is new", metadata: ["ends": "\(files.end.ISO8601Format())"])
            files.warn(logger)
        } catch {
            logger.error("the new TLS files are not used, the old ones are: \(error)")
        }
    }
}

/// The contents of a server's TLS files.
private struct TLSFiles {
    private let chain: [NIOSSLCertificate]
    private let key: NIOSSLPrivateKey
    private let authorities: [NIOSSLCertificate]
    private let certificatePath: String
    private let keyPath: String
    private let isKeyOpen: Bool
    /// When the first certificate that ends does.
    let end: Date

    init(_ options: TLSOptions) throws(ServerError) {
        guard let certificate = options.certificate, let keyFile = options.key else {
            throw ServerError(
                .configuration, "TLS needs a certificate and its key", at: "tls",
                advice: "Give both tls-certificate and tls-key")
        }
        (certificatePath, keyPath) = (certificate.path(percentEncoded: false), keyFile.path(percentEncoded: false))
        chain = try Self.certificates(certificate)
        authorities = try options.clientAuthority.map { (url) throws(ServerError) in try Self.certificates(url) } ?? []
        let status = FileStatus(keyFile)
        guard status?.othersMayWrite != true else {
            throw ServerError(
                .configuration, "others may write the private key", at: keyPath, advice: "chmod 600 \(keyPath)")
        }
        isKeyOpen = status?.othersMayRead == true
        let bytes = try Self.bytes(keyFile)
        do {
            key = try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw ServerError(
                .configuration, "holds no private key in PEM form that can be read without a passphrase", at: keyPath,
                advice: "It begins with -----BEGIN PRIVATE KEY-----")
        }
        end = chain.map(\.end).min() ?? .distantPast
        for certificate in chain {
            let now = Date()
            guard certificate.end > now else {
                throw ServerError(
                    .configuration, "the certificate ended at \(certificate.end.ISO8601Format())", at: certificatePath,
                    advice: "Get a new one")
            }
            guard certificate.start <= now else {
                throw ServerError(
                    .configuration, "the certificate begins only at \(certificate.start.ISO8601Format())",
                    at: certificatePath, advice: "Look at this machine's clock")
            }
        }
    }

    /// Throws if the key is another certificate's.
    func context() throws(ServerError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if !authorities.isEmpty {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(authorities)
            configuration.sendCANameList = true
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw ServerError(
                .configuration, "the private key is not that of the certificate in \(certificatePath)", at: keyPath,
                advice: "The server's own certificate must be the first of its file")
        } catch {
            throw ServerError(.configuration, "TLS cannot use it: \(error)", at: certificatePath)
        }
    }

    func warn(_ logger: Logger) {
        if isKeyOpen {
            logger.warning("others than its owner may read the private key", metadata: ["file": "\(keyPath)"])
        }
        if end.timeIntervalSinceNow < 14 * 86400 {
            logger.warning("the TLS certificate ends soon", metadata: ["ends": "\(end.ISO8601Format())"])
        }
    }

    private static func certificates(_ url: URL) throws(ServerError) -> [NIOSSLCertificate] {
        let bytes = try bytes(url)
        guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
            throw ServerError(
                .configuration, "holds no certificates in PEM form", at: url.path(percentEncoded: false),
                advice: "It begins with -----BEGIN CERTIFICATE-----")
        }
        return found
    }

    private static func bytes(_ url: URL) throws(ServerError) -> [UInt8] {
        let path = url.path(percentEncoded: false)
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            return Array(try file.read(upToCount: mostBytes) ?? Data())
        } catch {
            let isMissing = !FileManager.default.fileExists(atPath: path)
            throw ServerError(
                .configuration, isMissing ? "there is no such file" : "cannot be read: \(error.localizedDescription)",
                at: path)
        }
    }

    private static let mostBytes = 1 << 20
}

extension NIOSSLCertificate {
    fileprivate var start: Date { Date(timeIntervalSince1970: TimeInterval(notValidBefore)) }
    fileprivate var end: Date { Date(timeIntervalSince1970: TimeInterval(notValidAfter)) }
}
