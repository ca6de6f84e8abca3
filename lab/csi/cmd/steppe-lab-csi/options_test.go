package main

import (
	"errors"
	"flag"
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	var out strings.Builder
	read, err := parseOptions([]string{
		"--endpoint=unix:///run/csi.sock", "--role=node", "--node-id=general-1", "--directory=/srv/shared/csi", "--topology=zone=east",
	}, &out)
	if err != nil || read.socket != "/run/csi.sock" || read.role != roleNode || read.topology["zone"] != "east" {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestOptionsNameAllProblems(t *testing.T) {
	var out strings.Builder
	_, err := parseOptions([]string{"--endpoint=csi.sock", "--role=both", "--directory=shared", "rest"}, &out)
	if err == nil {
		t.Fatal("took them")
	}
	for _, part := range []string{"--endpoint:", "--role:", "--node-id:", "--directory:", "not known: rest"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if _, err := parseOptions([]string{"--endpoint=unix:///a", "--backend=nfs", "--node-id=a", "--directory=/b"}, &out); err == nil {
		t.Error("took a directory for NFS")
	}
}

func TestHelpSaysThatItIsAFixture(t *testing.T) {
	var out strings.Builder
	if _, err := parseOptions([]string{"--help"}, &out); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "a fixture to test with, not a driver to keep data with") {
		t.Error(out.String())
	}
}
