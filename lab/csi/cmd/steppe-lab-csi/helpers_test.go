package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// needMounts skips where the tests have no mount namespace of their own:
//
//	LAB_CSI_MOUNTS=1 go test -exec 'unshare --mount --propagation private' ./...
func needMounts(t *testing.T) {
	t.Helper()
	if os.Getenv("LAB_CSI_MOUNTS") != "1" {
		t.Skip("needs root and a mount namespace")
	}
}

// plugin is a running plugin and connections to it.
type plugin struct {
	csi.IdentityClient
	csi.ControllerClient
	csi.NodeClient
	socket string
}

// start runs a plugin as main does, until the test ends.
func start(t *testing.T, told options, keeper backend) plugin {
	t.Helper()
	folder, err := os.MkdirTemp("", "lab-csi-")
	if err != nil {
		t.Fatal(err)
	}
	told.socket = filepath.Join(folder, "csi.sock")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serveBackend(ctx, told, keeper) }()
	connection, err := grpc.NewClient("unix://"+told.socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		connection.Close()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		os.RemoveAll(folder)
	})
	return plugin{
		IdentityClient:   csi.NewIdentityClient(connection),
		ControllerClient: csi.NewControllerClient(connection),
		NodeClient:       csi.NewNodeClient(connection),
		socket:           told.socket,
	}
}

// startDirectory runs a plugin over a shared directory, and makes its node known.
func startDirectory(t *testing.T, root, nodeID string) plugin {
	t.Helper()
	started := start(t, options{role: roleMonolith, nodeID: nodeID, backend: "directory", directory: root},
		directoryBackend{root: root})
	if _, err := started.NodeGetInfo(soon(t), &csi.NodeGetInfoRequest{}); err != nil {
		t.Fatal(err)
	}
	return started
}

// exports stands in for the NFS client: server:/share is a directory below root.
func exports(root string) nfsBackend {
	return nfsBackend{mount: func(_ context.Context, source, target string, _ []string) error {
		_, path, _ := strings.Cut(source, ":")
		return bind(filepath.Join(root, path), target)
	}}
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func capabilityOf(mode csi.VolumeCapability_AccessMode_Mode) *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: mode},
		AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{}},
	}
}

const (
	oneWriter   = csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER
	manyReaders = csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY
	manyWriters = csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER
	oneOfMany   = csi.VolumeCapability_AccessMode_MULTI_NODE_SINGLE_WRITER
)
