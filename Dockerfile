# The gateway as an image: one static binary, the authorities' certificates and
# a configuration to begin with. No shell, no package manager, no root.
#
#   make image                                        # or, by hand:
#   docker build --build-arg VERSION=v1.2.3 --build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" -t tollgate .
#   docker run --read-only -v tollgate:/data -p 8080:8080 -e ANTHROPIC_API_KEY tollgate
#
# The binary is that of the release archive, byte for byte, if Go is the same:
# docs/operating.md says how to check it.

ARG GO_VERSION=1.26.8
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
COPY tools/go.mod tools/go.sum tools/
RUN go mod download && go -C tools mod download
COPY . .
ARG TARGETOS=linux
ARG TARGETARCH=amd64
ARG VERSION=unknown
ARG SOURCE_DATE_EPOCH=315532800
RUN make release VERSION="$VERSION" SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" TARGETS="$TARGETOS/$TARGETARCH" && \
    mkdir -p image/data image/release && \
    tar -xzf dist/*.tar.gz --strip-components=1 -C image/release

FROM scratch
ARG VERSION=unknown
LABEL org.opencontainers.image.title="tollgate" \
      org.opencontainers.image.description="One address between an organisation's Claude Code and its model provider" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/image/release/LICENSE /src/image/release/THIRD_PARTY_NOTICES.txt /src/image/release/tollgate.cdx.json /usr/share/doc/tollgate/
COPY --from=build /src/deploy/container/tollgate.yaml /etc/tollgate/tollgate.yaml
COPY --from=build /src/image/release/tollgate /usr/local/bin/tollgate

# The one place that is written to. tollgate makes a folder in it that is open
# to its own user alone, which a volume's root often cannot be. The commands
# find it by the same variable: docker exec CONTAINER tollgate key list.
COPY --from=build --chown=65532:65532 /src/image/data /data
VOLUME /data
ENV TOLLGATE_DATA_DIR=/data/tollgate
ENV SQLITE_TMPDIR=/data

# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM

# No HEALTHCHECK: it would need a program in the image that asks. Whoever runs
# the container asks /healthz and /readyz.
ENTRYPOINT ["/usr/local/bin/tollgate"]
CMD ["serve", "--config", "/etc/tollgate/tollgate.yaml"]
