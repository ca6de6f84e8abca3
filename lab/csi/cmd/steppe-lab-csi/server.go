package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// serve answers on the socket until the context ends.
func serve(ctx context.Context, told options) error {
	keeper, err := newBackend(told)
	if err != nil {
		return err
	}
	return serveBackend(ctx, told, keeper)
}

func serveBackend(ctx context.Context, told options, keeper backend) error {
	if err := os.MkdirAll(filepath.Dir(told.socket), 0o755); err != nil {
		return err
	}
	// A process that was killed leaves its socket.
	if err := os.Remove(told.socket); err != nil && !os.IsNotExist(err) {
		return err
	}
	listener, err := net.Listen("unix", told.socket)
	if err != nil {
		return err
	}
	server := newServer(told, keeper)
	stopped := context.AfterFunc(ctx, server.GracefulStop)
	defer stopped()
	slog.Info("serving", "plugin", pluginName, "role", told.role, "node", told.nodeID, "backend", told.backend,
		"socket", told.socket)
	return server.Serve(listener)
}

func newServer(told options, keeper backend) *grpc.Server {
	server := grpc.NewServer(grpc.UnaryInterceptor(logged))
	csi.RegisterIdentityServer(server, &identity{told: told, keeper: keeper})
	if told.role.controls() {
		csi.RegisterControllerServer(server, &controller{told: told, keeper: keeper})
	}
	if told.role.mounts() {
		csi.RegisterNodeServer(server, &node{told: told, keeper: keeper})
	}
	return server
}

// newBackend gives the backend that a process was told to use.
func newBackend(told options) (backend, error) {
	switch told.backend {
	case "directory":
		return directoryBackend{root: told.directory}, nil
	case "nfs":
		return nfsBackend{mount: mountNFS}, nil
	}
	return nil, fmt.Errorf("no backend %q", told.backend)
}

// logged writes one line per call: what, on which volume, how it ended. Requests may hold secrets and are not written.
func logged(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	begun := time.Now()
	answer, err := handle(ctx, request)
	fields := []any{"method", filepath.Base(info.FullMethod), "took", time.Since(begun).Round(time.Millisecond)}
	if named, ok := request.(interface{ GetVolumeId() string }); ok {
		fields = append(fields, "volume", named.GetVolumeId())
	}
	if named, ok := request.(interface{ GetNodeId() string }); ok {
		fields = append(fields, "node", named.GetNodeId())
	}
	if err != nil {
		slog.Error("refused", append(fields, "code", status.Code(err), "error", status.Convert(err).Message())...)
	} else {
		slog.Info("done", fields...)
	}
	return answer, err
}
