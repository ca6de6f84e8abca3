package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// tokenPrefix stands before the name that the next page begins with.
const tokenPrefix = "from:"

// ListVolumes lists volumes by name, page by page. Volumes may come and go between pages.
func (c *controller) ListVolumes(ctx context.Context, asked *csi.ListVolumesRequest) (*csi.ListVolumesResponse, error) {
	if err := c.needsFixedPlace(); err != nil {
		return nil, err
	}
	answer := &csi.ListVolumesResponse{}
	err := in(ctx, c.keeper, "", func(s store) error {
		names, err := s.names()
		if err != nil {
			return err
		}
		page, next, err := pageOf(names, asked.GetStartingToken(), int(asked.GetMaxEntries()))
		if err != nil {
			return err
		}
		answer.NextToken = next
		for _, name := range page {
			has, err := s.load(name)
			if err != nil {
				return err
			}
			answer.Entries = append(answer.Entries, &csi.ListVolumesResponse_Entry{
				Volume: c.describe(volume{name: name}, has),
				Status: &csi.ListVolumesResponse_VolumeStatus{PublishedNodeIds: has.attachedTo()},
			})
		}
		return nil
	})
	return answer, answered(err)
}

// pageOf cuts a page out of sorted names, and says where the next begins. A page of 0 entries is all that is left.
func pageOf(names []string, from string, entries int) (page []string, next string, err error) {
	if entries < 0 {
		return nil, "", status.Error(codes.InvalidArgument, "max entries must not be negative")
	}
	first, ours := strings.CutPrefix(from, tokenPrefix)
	if from != "" && !ours {
		return nil, "", status.Errorf(codes.Aborted, "%q is no token of this plugin", from)
	}
	start, _ := slices.BinarySearch(names, first)
	rest := names[start:]
	if entries == 0 || entries >= len(rest) {
		return rest, "", nil
	}
	return rest[:entries], tokenPrefix + rest[entries], nil
}

// GetCapacity says what the file system below the volumes has left.
func (c *controller) GetCapacity(ctx context.Context, asked *csi.GetCapacityRequest) (*csi.GetCapacityResponse, error) {
	if err := c.needsFixedPlace(); err != nil {
		return nil, err
	}
	if len(asked.GetVolumeCapabilities()) > 0 && checkCapabilities(c.keeper, asked.GetVolumeCapabilities()) != nil {
		return &csi.GetCapacityResponse{}, nil
	}
	opened, done, err := c.keeper.open(ctx, "")
	if err != nil {
		return nil, answered(err)
	}
	free, err := opened.freeBytes()
	return &csi.GetCapacityResponse{AvailableCapacity: free}, answered(errors.Join(err, done()))
}

func (c *controller) needsFixedPlace() error {
	if c.keeper.fixed() {
		return nil
	}
	return status.Error(codes.Unimplemented, "this plugin does not know which exports there are")
}
