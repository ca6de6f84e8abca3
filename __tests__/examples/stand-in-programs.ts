/** What stands in for the programs of the images: Perl, which every Debian has. Each is called as the real one is. */

/**
 * Listens on all ports of the group, as a published container would, and says what it was given: `/env`, `/argv`,
 * `/file/<path>`; answers anything else with 200, PING as Redis does, and LOGIN as a database with `NEO4J_AUTH`. Leaves a file
 * on its volume.
 */
const serve = String.raw`#!/usr/bin/perl
use strict; use warnings; use IO::Socket::INET; use IO::Select;
$| = 1;
$SIG{CHLD} = "IGNORE"; $SIG{INT} = $SIG{TERM} = sub { exit }; # the first process of a container must ask for signals
if (-d "/data") { open(my $mark, ">", "/data/$ENV{NOMAD_TASK_NAME}") or die "cannot write /data: $!"; close $mark; }
my $all = IO::Select->new;
for my $label (map { /^NOMAD_HOST_PORT_(.+)/ ? $1 : () } keys %ENV) {
  my $ip = $ENV{"NOMAD_HOST_IP_$label"} || "127.0.0.1";
  $all->add(IO::Socket::INET->new(
    LocalAddr => $ip, LocalPort => $ENV{"NOMAD_HOST_PORT_$label"}, Listen => 16, ReuseAddr => 1) || die "cannot listen on $label: $!");
}
sleep while !$all->count; # a worker without ports
print "listening\n";
while (my @ready = $all->can_read) {
  for my $server (@ready) {
    my $client = $server->accept or next;
    next if fork;
    my $line = <$client> // "";
    if ($line =~ /^PING/) { print $client "+PONG\r\n" }
    elsif ($line =~ /^LOGIN (\S+)/) { print $client $1 eq ($ENV{NEO4J_AUTH} || "") ? "OK\n" : "refused\n" }
    elsif ($line =~ m{^\S+ (\S+) HTTP}) {
      my $path = $1;
      while (defined(my $header = <$client>)) { last if $header =~ /^\s*$/ }
      my $body = "ok\n";
      if ($path eq "/env") { $body = join "", map { "$_=$ENV{$_}\n" } sort keys %ENV }
      if ($path eq "/argv") { $body = join "", map { "$_\n" } @ARGV }
      if ($path =~ m{^/file(/.+)}) { open(my $file, "<", $1) or die "$1: $!"; local $/; $body = <$file> }
      print $client "HTTP/1.1 200 OK\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    }
    close $client;
    exit;
  }
}
`;

/** A server for a server; for a training script its rendezvous: rank 0 waits for all others, and tells them so. */
const python = String.raw`#!/usr/bin/perl
use strict; use warnings; use IO::Socket::INET;
exec "/usr/local/bin/serve", @ARGV if !grep { /train\.py$/ } @ARGV;
my %given = map { /^--([a-z-]+)=(.*)/ ? ($1, $2) : () } @ARGV;
my ($addr, $port, $rank, $world) = map { $given{lc($_) =~ tr/_/-/r} // $ENV{$_} // die "no $_" } qw(MASTER_ADDR MASTER_PORT RANK WORLD_SIZE);
my $deadline = time + 60;
if ($rank == 0) {
  my $server = IO::Socket::INET->new(LocalAddr => $addr, LocalPort => $port, Listen => 16, ReuseAddr => 1) or die "cannot listen: $!";
  my %seen;
  while (keys %seen < $world - 1) {
    die "only ranks " . join(",", keys %seen) if time > $deadline;
    my $client = $server->accept or next;
    my $said = <$client> // next;
    $seen{$1} = $client if $said =~ /^rank (\d+)$/;
  }
  print $_ "go $world\n" for values %seen;
} else {
  my $reply;
  until ($reply) {
    die "no rank 0" if time > $deadline;
    my $master = IO::Socket::INET->new(PeerAddr => $addr, PeerPort => $port, Timeout => 2);
    if ($master) { print $master "rank $rank\n"; $reply = <$master> }
    select undef, undef, undef, 0.2 if !$reply;
  }
}
print "rank $rank of $world at $addr:$port gpus " . ($ENV{NVIDIA_VISIBLE_DEVICES} || "none") . "\n";
`;

/** Logs in to the database at NEO4J_ADDRESS, as cypher-shell does; fails where there is none. */
const cypherShell = String.raw`#!/usr/bin/perl
use strict; use warnings; use IO::Socket::INET;
my ($peer) = ($ENV{NEO4J_ADDRESS} || "bolt://127.0.0.1:7687") =~ m{^bolt://(.+)$};
my $server = IO::Socket::INET->new(PeerAddr => $peer, Timeout => 2) or die "cannot connect to $peer: $!\n";
print $server "LOGIN $ENV{NEO4J_USERNAME}/$ENV{NEO4J_PASSWORD}\n";
my $said = <$server> // "";
die "login $said" if $said ne "OK\n";
print "ran @ARGV\n";
`;

/** Asks the server at OLLAMA_HOST for each command. */
const ollama = String.raw`#!/usr/bin/perl
use strict; use warnings; use IO::Socket::INET;
my $server = IO::Socket::INET->new(PeerAddr => $ENV{OLLAMA_HOST}, Timeout => 2) or die "no server at $ENV{OLLAMA_HOST}\n";
print $server "GET /$ARGV[0] HTTP/1.1\r\n\r\n";
<$server> =~ /200/ or die "refused\n";
print "@ARGV\n";
`;

/** Prints what is in the logs that its configuration names, and remembers that it has. */
const fluentBit = String.raw`#!/usr/bin/perl
use strict; use warnings;
$| = 1; $SIG{INT} = $SIG{TERM} = sub { exit };
open(my $file, "<", $ARGV[1]) or die "$ARGV[1]: $!";
my %set = map { /^\s*(\w+)\s+(\S+)/ ? ($1, $2) : () } <$file>;
for my $log (glob $set{Path}) { open(my $lines, "<", $log) or die "$log: $!"; print <$lines> }
open(my $mark, ">", $set{DB}) or die "$set{DB}: $!"; close $mark;
sleep while 1;
`;

/** Programs by their path in the chroot. */
export const programs: Readonly<Record<string, string>> = {
  "/usr/local/bin/serve": serve,
  "/usr/local/bin/python": python,
  "/usr/local/bin/python3": python,
  "/usr/local/bin/ray": serve,
  "/usr/local/bin/cypher-shell": cypherShell,
  "/usr/local/bin/ollama": ollama,
  "/fluent-bit/bin/fluent-bit": fluentBit,
};
