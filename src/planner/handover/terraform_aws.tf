# @SUMMARY@
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

# Credentials come from the environment or ~/.aws, as for the aws command.
provider "aws" {
  region = var.region
}

variable "region" {
  description = "Region of the instances"
  type        = string
  default     = "@REGION@"
}

variable "key_name" {
  description = "Name of an EC2 key pair in the region, for SSH"
  type        = string
}

variable "ssh_from" {
  description = "Addresses that may connect by SSH: 203.0.113.7/32"
  type        = string
}

variable "disk_gb" {
  description = "Root volume of each instance, GB; the job runs on it"
  type        = number
  default     = 500
}

# With NVIDIA's driver and CUDA; its SSH user is ubuntu.
data "aws_ami" "gpu" {
  most_recent = true
  owners      = ["amazon"]

  filter {
    name   = "name"
    values = ["Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) *"]
  }

  filter {
    name   = "architecture"
    values = ["x86_64"]
  }
}

# In the default VPC, whose subnets give public addresses.
resource "aws_security_group" "job" {
  name        = "@NAME@"
  description = "SSH to the machines of @NAME@"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.ssh_from]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Shards do not talk to each other, so the instances get no EFA interfaces and no placement group.
resource "aws_instance" "worker" {
  count                  = @NODES@
  ami                    = data.aws_ami.gpu.id
  instance_type          = "@INSTANCE@"
  key_name               = var.key_name
  vpc_security_group_ids = [aws_security_group.job.id]

  root_block_device {
    volume_size = var.disk_gb
  }

  tags = {
    Name = "@NAME@-${count.index}"
    job  = "@NAME@"
  }
}

output "hosts" {
  value = aws_instance.worker[*].public_ip
}
