package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// answered gives an error the code that CSI has for it.
func answered(err error) error {
	if err == nil {
		return nil
	}
	// Taken out of what it is wrapped in, which would be put before its message.
	var coded interface{ GRPCStatus() *status.Status }
	if errors.As(err, &coded) {
		return coded.GRPCStatus().Err()
	}
	code := codes.Internal
	switch {
	case errors.Is(err, errNoVolume):
		code = codes.NotFound
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		code = codes.Aborted
	}
	return status.Error(code, err.Error())
}

// sizeOf reads how many bytes a volume must have: 0 where nothing is asked.
func sizeOf(asked *csi.CapacityRange) (int64, error) {
	required, limit := asked.GetRequiredBytes(), asked.GetLimitBytes()
	if required < 0 || limit < 0 || (limit > 0 && required > limit) {
		return 0, fmt.Errorf("capacity must be 0 <= required <= limit, got %d and %d bytes", required, limit)
	}
	if required == 0 {
		return limit, nil
	}
	return required, nil
}

func outOfRange(size, free int64) error {
	return status.Errorf(codes.OutOfRange, "%d bytes are asked for and %d are free", size, free)
}

// freeBytes are what the file system below the volumes has left.
func (s store) freeBytes() (int64, error) {
	var below unix.Statfs_t
	if err := unix.Statfs(s.root, &below); err != nil {
		return 0, err
	}
	return int64(below.Bavail) * below.Bsize, nil
}

func unknownParameters(unread map[string]string) error {
	if len(unread) == 0 {
		return nil
	}
	return fmt.Errorf("parameters not known: %s", strings.Join(slices.Sorted(maps.Keys(unread)), ", "))
}

// sameAs says why a volume is not the one that is asked for under its name.
func (r record) sameAs(asked *csi.CreateVolumeRequest) error {
	var problems []string
	required, limit := asked.GetCapacityRange().GetRequiredBytes(), asked.GetCapacityRange().GetLimitBytes()
	if r.CapacityBytes < required || (limit > 0 && r.CapacityBytes > limit) {
		problems = append(problems, fmt.Sprintf("it has %d bytes", r.CapacityBytes))
	}
	if missing := modesMissing(r, asked.GetVolumeCapabilities()); len(missing) > 0 {
		problems = append(problems, "it was not made for "+strings.Join(missing, ", "))
	}
	if !maps.Equal(r.Parameters, asked.GetParameters()) {
		problems = append(problems, "it has other parameters")
	}
	if len(problems) == 0 {
		return nil
	}
	return status.Errorf(codes.AlreadyExists, "there is another volume of this name: %s", strings.Join(problems, "; "))
}

// checkTopology says why volumes that are made here cannot be used where they are wanted.
func (c *controller) checkTopology(asked *csi.TopologyRequirement) error {
	wanted := asked.GetRequisite()
	if len(c.told.topology) == 0 || len(wanted) == 0 {
		return nil
	}
	var texts []string
	for _, topology := range wanted {
		if maps.Equal(topology.GetSegments(), c.told.topology) {
			return nil
		}
		texts = append(texts, topologyText(topology.GetSegments()))
	}
	return fmt.Errorf("volumes of this plugin can be used in %s, not in %s", topologyText(c.told.topology), strings.Join(texts, " or "))
}
