package main

import (
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestAttach(t *testing.T) {
	as := func(mode csi.VolumeCapability_AccessMode_Mode, readOnly bool) attachment {
		return attachment{Mode: mode.String(), ReadOnly: readOnly}
	}
	for _, test := range []struct {
		name   string
		first  attachment
		second attachment
		code   codes.Code
	}{
		{"one node excludes another", as(oneWriter, false), as(oneWriter, false), codes.FailedPrecondition},
		{"one node excludes readers", as(oneWriter, false), as(manyReaders, true), codes.FailedPrecondition},
		{"readers exclude one node", as(manyReaders, true), as(oneWriter, false), codes.FailedPrecondition},
		{"readers share", as(manyReaders, true), as(manyReaders, true), codes.OK},
		{"writers share", as(manyWriters, false), as(manyWriters, false), codes.OK},
		{"one of many writes", as(oneOfMany, false), as(oneOfMany, false), codes.FailedPrecondition},
		{"others of many read", as(oneOfMany, false), as(oneOfMany, true), codes.OK},
		{"one of many excludes writers", as(oneOfMany, false), as(manyWriters, false), codes.FailedPrecondition},
	} {
		t.Run(test.name, func(t *testing.T) {
			volume := record{Attachments: map[string]attachment{}}
			if err := volume.attach("a", test.first); err != nil {
				t.Fatal(err)
			}
			err := volume.attach("b", test.second)
			if status.Code(err) != test.code {
				t.Fatalf("got %v, want %v", err, test.code)
			}
			if err != nil && !strings.Contains(err.Error(), "node a") {
				t.Errorf("does not name the node in the way: %v", err)
			}
			if err := volume.attach("a", test.first); err != nil {
				t.Errorf("a repeated call: %v", err)
			}
			volume.detach("a")
			if err := volume.attach("b", test.second); err != nil {
				t.Errorf("after the first has gone: %v", err)
			}
		})
	}
}

func TestAttachOtherwiseOnTheSameNode(t *testing.T) {
	volume := record{Attachments: map[string]attachment{"a": {Mode: oneWriter.String()}}}
	err := volume.attach("a", attachment{Mode: oneWriter.String(), ReadOnly: true})
	if status.Code(err) != codes.AlreadyExists {
		t.Errorf("got %v", err)
	}
}

func TestDetachWithoutNodeDetachesAll(t *testing.T) {
	volume := record{Attachments: map[string]attachment{"a": {}, "b": {}}}
	volume.detach("")
	if err := volume.inUse(); err != nil {
		t.Error(err)
	}
}
