package main

import (
	"path/filepath"
	"testing"

	"github.com/kubernetes-csi/csi-test/v5/pkg/sanity"
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

// TestSanity is the check of CSI's own project that a plugin keeps the specification.
// https://github.com/kubernetes-csi/csi-test/tree/v5.4.0/pkg/sanity
func TestSanity(t *testing.T) {
	needMounts(t)
	described := func(name string, parameters map[string]string, keeper func(root string) backend) {
		root := t.TempDir()
		told := options{role: roleMonolith, nodeID: "sanity", backend: name, directory: root}
		address := "unix://" + start(t, told, keeper(root)).socket
		config := sanity.NewTestConfig()
		config.Address, config.ControllerAddress = address, address
		config.TestVolumeSize, config.TestVolumeExpandSize = 1<<20, 2<<20
		config.TestVolumeParameters = parameters
		places := t.TempDir()
		config.TargetPath, config.StagingPath = filepath.Join(places, "target"), filepath.Join(places, "staging")
		ginkgo.Describe(name, func() { sanity.GinkgoTest(&config) })
	}
	described("directory", nil, func(root string) backend { return directoryBackend{root: root} })
	described("nfs", map[string]string{"server": "storage", "share": "/"}, func(root string) backend { return exports(root) })
	gomega.RegisterFailHandler(ginkgo.Fail)
	suite, report := ginkgo.GinkgoConfiguration()
	// No export knows which nodes there are.
	suite.SkipStrings = []string{"nfs Controller Service .* should fail when the node does not exist"}
	// csi-sanity waits a minute for a change of its connection, in vain where that was ready a moment before it looked.
	suite.FlakeAttempts = 2
	report.Succinct, report.NoColor = true, true
	ginkgo.RunSpecs(t, "csi-sanity", suite, report)
}
