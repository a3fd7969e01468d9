extension SystemdFiles {
    /// What both services may not do: everything that reading and writing the library, and sockets, does not take.
    var sandbox: String {
        """
        User=\(deployment.name)
        Group=\(deployment.name)
        StateDirectory=\(deployment.name)
        StateDirectoryMode=0750
        UMask=0077
        NoNewPrivileges=yes
        CapabilityBoundingSet=
        AmbientCapabilities=
        ProtectSystem=strict
        ProtectHome=yes
        ProtectProc=invisible
        ProtectClock=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        PrivateTmp=yes
        PrivateDevices=yes
        PrivateUsers=yes
        RemoveIPC=yes
        LockPersonality=yes
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        KeyringMode=private
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        # Swift's threads set their own priorities.
        SystemCallFilter=setpriority
        SystemCallErrorNumber=EPERM
        """
    }
}
