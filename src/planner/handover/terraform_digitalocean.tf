# @SUMMARY@
terraform {
  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.0"
    }
  }
}

# The token comes from DIGITALOCEAN_TOKEN.
provider "digitalocean" {}

variable "ssh_key" {
  description = "Fingerprint of an SSH key of the account"
  type        = string
}

variable "region" {
  description = "Region of the droplets"
  type        = string
  default     = "@REGION@"
}

resource "digitalocean_tag" "job" {
  name = "@NAME@"
}

resource "digitalocean_droplet" "worker" {
  count    = @NODES@
  name     = "@NAME@-${count.index}"
  image    = "debian-12-x64"
  size     = "@INSTANCE@"
  region   = var.region
  ssh_keys = [var.ssh_key]
  tags     = [digitalocean_tag.job.id]
}

output "hosts" {
  value = digitalocean_droplet.worker[*].ipv4_address
}
