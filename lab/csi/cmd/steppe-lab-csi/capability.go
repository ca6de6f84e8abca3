package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/container-storage-interface/spec/lib/go/csi"
)

// reach is what an access mode allows.
type reach struct {
	manyNodes   bool
	writers     bool
	manyWriters bool
}

// reaches are the access modes that this plugin keeps, by CSI's names.
var reaches = map[csi.VolumeCapability_AccessMode_Mode]reach{
	csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER:       {writers: true},
	csi.VolumeCapability_AccessMode_SINGLE_NODE_READER_ONLY:  {},
	csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY:   {manyNodes: true},
	csi.VolumeCapability_AccessMode_MULTI_NODE_SINGLE_WRITER: {manyNodes: true, writers: true},
	csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER:  {manyNodes: true, writers: true, manyWriters: true},
}

// checkCapabilities says everything that is wrong with a list of capabilities.
func checkCapabilities(keeper backend, asked []*csi.VolumeCapability) error {
	if len(asked) == 0 {
		return errors.New("at least one capability must be given")
	}
	var problems []error
	for _, capability := range asked {
		problems = append(problems, checkCapability(keeper, capability))
	}
	return errors.Join(problems...)
}

func checkCapability(keeper backend, asked *csi.VolumeCapability) error {
	if asked == nil {
		return errors.New("a capability must be given")
	}
	var problems []error
	mode := asked.GetAccessMode().GetMode()
	if _, known := reaches[mode]; !known {
		problems = append(problems, fmt.Errorf("access mode %s is not kept by this plugin", mode))
	}
	mount := asked.GetMount()
	switch {
	case asked.GetBlock() != nil:
		problems = append(problems, errors.New("block volumes cannot be had: a volume is a directory; ask for a file system"))
	case mount == nil:
		problems = append(problems, errors.New("how the volume is attached must be said: as a file system"))
	case mount.GetFsType() != "" && mount.GetFsType() != keeper.fsType():
		problems = append(problems, fmt.Errorf("fs_type must not be given: a volume is a directory, got %q", mount.GetFsType()))
	}
	return errors.Join(append(problems, keeper.checkFlags(mount.GetMountFlags()))...)
}

// modesOf are the access modes of capabilities by name, each once, sorted.
func modesOf(asked []*csi.VolumeCapability) []string {
	var modes []string
	for _, capability := range asked {
		modes = append(modes, capability.GetAccessMode().GetMode().String())
	}
	slices.Sort(modes)
	return slices.Compact(modes)
}

// modesMissing are the modes asked for that a volume was not made for.
func modesMissing(has record, asked []*csi.VolumeCapability) []string {
	return slices.DeleteFunc(modesOf(asked), func(mode string) bool { return slices.Contains(has.Modes, mode) })
}
