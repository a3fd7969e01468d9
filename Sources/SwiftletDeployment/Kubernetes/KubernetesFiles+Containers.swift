extension KubernetesFiles {
    /// Gets the model before the server starts; asks nobody once it is there.
    var pullContainer: String {
        """
                - name: pull
                  image: \(Quoting.quoted(pullImage))
                  imagePullPolicy: IfNotPresent
                  args:
        \(Quoting.items(Quoting.withoutVariables(deployment.pullArguments), indent: 12))
        \(restrictions)
                  resources:
                    requests:
                      cpu: 100m
                      memory: 256Mi
                    limits:
                      cpu: "1"
                      memory: 1Gi
                  volumeMounts:
                    - name: library
                      mountPath: \(Deployment.home)
                    - name: temporary
                      mountPath: /tmp
        """
    }

    var serveContainer: String {
        let size = deployment.size
        let keys = deployment.isInsecure ? nil : Deployment.keyFile
        let arguments = deployment.serveArguments(host: "0.0.0.0", keys: keys)
        let keyMount =
            keys == nil
            ? ""
            : """

                        # The folder, not the file (subPath): only that follows changes of the Secret.
                        - name: keys
                          mountPath: \(Deployment.keyFolder)
                          readOnly: true
            """
        return """
                    - name: server
                      image: \(Quoting.quoted(deployment.image))
                      imagePullPolicy: IfNotPresent
                      args:
            \(Quoting.items(Quoting.withoutVariables(arguments), indent: 12))
            \(restrictions)
                      ports:
                        - name: http
                          containerPort: \(deployment.port)
                          protocol: TCP
                      # The memory plan above; whole processors, so that a node with a static CPU manager gives them for good.
                      resources:
                        requests:
                          cpu: "\(deployment.cores)"
                          memory: \(size.requestMebibytes)Mi
                        limits:
                          cpu: "\(deployment.cores)"
                          memory: \(size.limitMebibytes)Mi
            \(probes)
                      lifecycle:
                        preStop:
                          exec:
                            command:
                              - sleep
                              - "5"
                      volumeMounts:
                        - name: library
                          mountPath: \(Deployment.home)
                        - name: temporary
                          mountPath: /tmp\(keyMount)
            """
    }

    /// /ready is 503 until the model is loaded and once the server stops; /health says that it answers at all.
    private var probes: String {
        """
                  startupProbe:
                    httpGet:
                      path: /ready
                      port: http
                    periodSeconds: 2
                    timeoutSeconds: 5
                    # Ten minutes to load the model.
                    failureThreshold: 300
                  readinessProbe:
                    httpGet:
                      path: /ready
                      port: http
                    periodSeconds: 5
                    timeoutSeconds: 5
                    failureThreshold: 2
                  livenessProbe:
                    httpGet:
                      path: /health
                      port: http
                    periodSeconds: 10
                    timeoutSeconds: 5
                    failureThreshold: 6
        """
    }

    private var restrictions: String {
        """
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities:
                      drop:
                        - ALL
        """
    }
}
