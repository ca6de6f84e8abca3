# A program of a graph as a stand-in for a model: GET /own says who it is; GET /ask asks the nodes that it calls, each at the path that
# it is given, and joins their answers. It reads where they are from ENDPOINTS_FILE or from variables that end in _URL.
use strict;
use warnings;
use IO::Socket::INET;

sub fetch {
  my ($url, $path) = @_;
  my ($host, $port) = $url =~ m{^http://([^:/]+):(\d+)} or return "bad url $url";
  my $peer = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 5) or return "cannot reach $url";
  print $peer "GET $path HTTP/1.0\r\n\r\n";
  my $answer = do { local $/; <$peer> };
  $answer =~ s/^.*?\r\n\r\n//s;
  chomp $answer;
  return $answer;
}

sub endpoints {
  return map { $ENV{$_} } grep { /_URL$/ } sort keys %ENV unless $ENV{ENDPOINTS_FILE};
  open my $file, "<", $ENV{ENDPOINTS_FILE} or return ();
  local $/;
  return <$file> =~ m{"(http://[^"]+)"}g;
}

my $me = "$ENV{NOMAD_JOB_NAME}.$ENV{NOMAD_ALLOC_INDEX}";
my $server = IO::Socket::INET->new(
  LocalAddr => $ENV{NOMAD_IP_http}, LocalPort => $ENV{NOMAD_PORT_http}, Listen => 16, ReuseAddr => 1,
) or die "cannot listen: $!";
$SIG{CHLD} = "IGNORE";
while (my $client = $server->accept) {
  next if fork;
  my $request = <$client>;
  while (defined(my $line = <$client>)) { last if $line =~ /^\s*$/ }
  my ($path) = $request =~ m{^GET /(\w*)};
  my $body = "$me since $^T";
  $body = join "", map { "$_\n" } sort map { "$me asks " . fetch($_, "/own") } endpoints() if $path eq "ask";
  $body = join "", map { "$_\n" } sort map { "$me asks " . fetch($_, "/ask") } endpoints() if $path eq "chain";
  print $client "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n$body";
  exit 0;
}
