/// The pods: a StatefulSet where each replica has a volume of its own, a Deployment where it has none.
extension KubernetesFiles {
    var workload: String {
        // An autoscaler's number of replicas is not ours to set.
        let replicas = options.autoscaling == .none ? "  replicas: \(options.replicas)\n" : ""
        let head = """
            apiVersion: apps/v1
            kind: \(keepsLibrary ? "StatefulSet" : "Deployment")
            \(metadata())
            spec:
            \(replicas)  selector:
                matchLabels:
            \(labels(indent: 6))
            """
        return [head, keepsLibrary ? stateful : rollout, template, keepsLibrary ? claims : ""]
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var stateful: String {
        """
          serviceName: \(name)
          # Replicas know nothing of each other.
          podManagementPolicy: Parallel
          persistentVolumeClaimRetentionPolicy:
            whenDeleted: Retain
            whenScaled: Retain
        """
    }

    private var rollout: String {
        """
          strategy:
            type: RollingUpdate
            rollingUpdate:
              maxUnavailable: 0
              maxSurge: 1
        """
    }

    private var claims: String {
        let storageClass = options.storageClass.map { "\n        storageClassName: \($0)" } ?? ""
        return """
              volumeClaimTemplates:
                - metadata:
                    name: library
                  spec:
                    accessModes:
                      - ReadWriteOnce\(storageClass)
                    resources:
                      requests:
                        storage: \(deployment.size.diskGibibytes)Gi
            """
    }

    private var template: String {
        var lines = [
            "  template:", "    metadata:", "      labels:", labels(indent: 8),
            "    spec:",
            "      serviceAccountName: \(name)",
            "      automountServiceAccountToken: false",
            "      # Otherwise the Service \"\(name)\" gives every pod a variable SWIFTLET_PORT=tcp://…, which is another thing to us.",
            "      enableServiceLinks: false",
            "      # Before SIGTERM the pod has 5 s to leave the Service; then running requests have \(deployment.drainSeconds) s (--drain).",
            "      terminationGracePeriodSeconds: \(deployment.drainSeconds + 15)",
            "      securityContext:",
            "        runAsNonRoot: true",
            "        runAsUser: \(Deployment.userID)",
            "        runAsGroup: \(Deployment.userID)",
            "        fsGroup: \(Deployment.userID)",
            "        fsGroupChangePolicy: OnRootMismatch",
            "        seccompProfile:",
            "          type: RuntimeDefault",
            "      topologySpreadConstraints:",
            "        - maxSkew: 1",
            "          topologyKey: kubernetes.io/hostname",
            "          whenUnsatisfiable: ScheduleAnyway",
            "          labelSelector:",
            "            matchLabels:",
            labels(indent: 14),
        ]
        if deployment.supply == .pull { lines += ["      initContainers:", pullContainer] }
        lines += ["      containers:", serveContainer, "      volumes:", volumes]
        return lines.joined(separator: "\n")
    }

    private var volumes: String {
        var lines = ["        - name: temporary", "          emptyDir:", "            sizeLimit: 64Mi"]
        if !keepsLibrary {
            let size = deployment.supply == .bake ? "2Gi" : "\(deployment.size.diskGibibytes)Gi"
            lines += ["        - name: library", "          emptyDir:", "            sizeLimit: \(size)"]
        }
        if !deployment.isInsecure {
            lines += [
                "        - name: keys", "          secret:", "            secretName: \(keySecret)",
                "            # Readable for the group of fsGroup, writable for nobody.",
                "            defaultMode: 0440",
            ]
        }
        return lines.joined(separator: "\n")
    }
}
