package main

import (
	"context"
	"fmt"
	"os"
)

// directoryBackend keeps volumes in a directory that every host sees: a stand-in for shared storage.
type directoryBackend struct{ root string }

func (d directoryBackend) fixed() bool { return true }

// ready does not make the directory: one that is missing is shared storage that was not mounted.
func (d directoryBackend) ready() error {
	info, err := os.Stat(d.root)
	if err != nil {
		return fmt.Errorf("shared directory: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("shared directory: %s is no directory", d.root)
	}
	return nil
}

func (d directoryBackend) place(map[string]string) (string, error) { return "", nil }

func (d directoryBackend) open(_ context.Context, place string) (store, func() error, error) {
	if place != "" {
		return store{}, nil, fmt.Errorf("%w: %s is on NFS", errNoVolume, place)
	}
	return store{root: d.root}, func() error { return nil }, d.ready()
}

func (d directoryBackend) stage(_ context.Context, v volume, _ map[string]string, target string, flags []string) error {
	source := store{root: d.root}.data(v.name)
	if _, err := os.Stat(source); v.place != "" || os.IsNotExist(err) {
		return errNoVolume
	}
	if err := bind(source, target); err != nil {
		return err
	}
	return restrict(target, flags)
}

func (d directoryBackend) fsType() string { return "" }

func (d directoryBackend) checkFlags(flags []string) error { return checkBindFlags(flags) }
