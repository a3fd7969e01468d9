extension KubernetesFiles {
    func namespace(_ name: String) -> String {
        """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: \(name)
          labels:
            # The cluster itself refuses pods that ask for more than ours do.
            pod-security.kubernetes.io/enforce: restricted
            pod-security.kubernetes.io/warn: restricted
        """
    }

    var serviceAccount: String {
        """
        apiVersion: v1
        kind: ServiceAccount
        \(metadata())
        # It never speaks with the cluster.
        automountServiceAccountToken: false
        """
    }

    var service: String {
        """
        apiVersion: v1
        kind: Service
        \(metadata())
        spec:
          type: ClusterIP
          selector:
        \(labels(indent: 4))
          ports:
            - name: http
              port: \(deployment.port)
              targetPort: http
              protocol: TCP
        """
    }

    var networkPolicy: String {
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        \(metadata())
        spec:
          podSelector:
            matchLabels:
        \(labels(indent: 6))
          policyTypes:
            - Ingress
            - Egress
          ingress:
            - from:
                # Pods of this namespace that have this label; nodes may always come, for the probes.
                - podSelector:
                    matchLabels:
                      \(name)-client: "true"
                # Prometheus, by the name of its namespace.
                - namespaceSelector:
                    matchLabels:
                      kubernetes.io/metadata.name: monitoring
              ports:
                - protocol: TCP
                  port: http
        \(egress)
        """
    }

    /// What a policy can tell apart are addresses and ports, not hosts' names, and pods, not their containers: what pulling
    /// takes, the server may, too.
    private var egress: String {
        guard needsNetwork else {
            return """
                  # None at all: nothing is pulled.
                  egress: []
                """
        }
        return """
              egress:
                # DNS.
                - to:
                    - namespaceSelector: {}
                      podSelector:
                        matchLabels:
                          k8s-app: kube-dns
                  ports:
                    - protocol: UDP
                      port: 53
                    - protocol: TCP
                      port: 53
                # HTTPS to the world but not to private networks, for the pull. Once every replica has the model, this may go.
                - to:
                    - ipBlock:
                        cidr: 0.0.0.0/0
                        except:
                          - 10.0.0.0/8
                          - 100.64.0.0/10
                          - 169.254.0.0/16
                          - 172.16.0.0/12
                          - 192.168.0.0/16
                  ports:
                    - protocol: TCP
                      port: 443
            """
    }

    var disruptionBudget: String {
        """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        \(metadata())
        spec:
          # Not minAvailable: with one replica that would hold up every drain of its node.
          maxUnavailable: 1
          selector:
            matchLabels:
        \(labels(indent: 6))
        """
    }
}
